"""Text to a frozen syntax tree with spans.  Knows lark and diagnostics, and no mathematics."""
