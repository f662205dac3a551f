"""`tiendo demo`: the sample ward loaded and played by simulated people."""
