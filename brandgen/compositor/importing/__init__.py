"""Import templates from files of other programs: PDF, PSD and Figma's, beside SVG.

Each reader writes what it finds as SVG, which is then read as every other drawing is:
the one place that knows how drawings become templates (`compositor.svg.importing`).
"""
