"""Reports: small siblings over the same verdict data."""
