"""Reads and writes LoRA adapters of Stage C: files, names and shapes, without torch."""
