"""The whole language, played in memory on a clock that is told, so that days and months go by."""
