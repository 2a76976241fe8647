"""Drawings (SVG): read into templates (`importing`), or drawn whole (`pictures`)."""
