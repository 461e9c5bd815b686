"""Deep linear networks layer by layer."""
