"""What was asked of the engine, and what came back."""
