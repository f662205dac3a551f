"""Files in a form of ours: directory, plan, rules, proposals."""
