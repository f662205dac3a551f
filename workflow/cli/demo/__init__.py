"""`tiendo demo`: the sample ward loaded and played by people that are not there."""
