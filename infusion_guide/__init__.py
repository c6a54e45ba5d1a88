"""The library behind the infusion guide: knowledge, safety, understanding, doors and serving."""
