"""How mail goes out and comes back: transport, pool, pace, signing, bounces, the catcher."""
