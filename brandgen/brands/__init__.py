"""A brand's colors, fonts, logos and rules, in versions."""
