"""Exchange: the formats of OBO, Biolink, SSSOM and GA4GH."""
