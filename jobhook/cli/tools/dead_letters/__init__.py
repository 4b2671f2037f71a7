"""What AWS could not deliver or carry out, and how it is sent back: a tool for the person who mends it."""
