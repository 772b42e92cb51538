"""From the syntax tree to declarations with shapes and scopes, and on to problems over terms."""
