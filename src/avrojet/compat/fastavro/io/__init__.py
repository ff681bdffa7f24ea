"""Encoders and decoders, as fastavro.io. Floor 8."""
