"""The twelve channels of a level's grid spread over the next finer one, compiled."""

from __future__ import annotations

from viewer.compiling import compiled


@compiled
def finer(grid, out):  # type: ignore[no-untyped-def]
    """`viewer.codecs.vqvae2.grid.finer`, into ``out``, ``(5, 2 r, 2 c)``."""
    rows, columns = grid.shape[1], grid.shape[2]
    for i in range(rows):
        for row in range(2):
            to = 2 * i + row
            # HL is split along the vertical: its two channels are columns, each two rows high.
            for j in range(columns):
                out[0, to, 2 * j] = grid[0, i, j]
                out[0, to, 2 * j + 1] = grid[1, i, j]
                out[1, to, 2 * j] = grid[2, i, j]
                out[1, to, 2 * j + 1] = grid[3, i, j]
            # LH along the horizontal: its two channels are rows, each two columns wide.
            for j in range(columns):
                for column in range(2):
                    out[2, to, 2 * j + column] = grid[4 + row, i, j]
                    out[3, to, 2 * j + column] = grid[6 + row, i, j]
            for j in range(columns):
                out[4, to, 2 * j] = grid[8 + 2 * row, i, j]
                out[4, to, 2 * j + 1] = grid[9 + 2 * row, i, j]
