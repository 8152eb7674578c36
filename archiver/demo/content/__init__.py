"""The words of the demo newspaper: one TOML file an outlet, and the labels of each language. No code."""
