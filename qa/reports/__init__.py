"""From a file's bytes to reports, sections, sentences and passages, all addressed by offsets."""
