"""Exchange: graphs of Biolink, OBO, SSSOM mappings, GA4GH patients, for programs of others."""
