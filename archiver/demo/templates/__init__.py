"""HTML, CSS and JavaScript of the demo newspaper, with `$name` places (string.Template). No code."""
