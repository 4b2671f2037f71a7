"""Every port in memory: small, honest about its conditions, and predictable."""
