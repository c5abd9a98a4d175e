"""Thousands of studies: an archive each, resumed after a kill, judged by a quality gate."""
