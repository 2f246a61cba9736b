"""What a published source knows about languages: family, place, resource level, and how far apart two of them are."""
