"""How a large ensemble is cut: into blocks, which never change, and blocks into shards."""

import math

#: Starts in a block. Whatever could depend on the shape of an array is computed a block at a time.
BLOCK = 4096

#: What is kept of a start until its shard is reduced: 13 numbers, twice while they are joined.
BYTES_PER_START = 220


def shards_needed(size: int, memory_mb: float) -> int:
    """Return into how many shards an ensemble of ``size`` starts is cut so that each fits a budget.

    The budget, in MB (10⁶ bytes), is for what is measured at the starts of one shard. Not counted
    is what does not grow with the shard: the program itself, some 300 MB, and the arrays of one
    block, about 0.5 MB times ``d_y + d_x``. There are no more shards than blocks, which are not
    cut.
    """
    blocks_per_shard = max(1, math.floor(memory_mb * 1e6 / BYTES_PER_START / BLOCK))
    return math.ceil(_blocks(size) / blocks_per_shard)


def shard_range(size: int, shard: int, shards: int) -> range:
    """Return the numbers of the starts of a shard, from 0 on: whole blocks, shared out evenly.

    Raises
    ------
    ValueError
        If the shard does not exist, or there are more shards than blocks.
    """
    blocks = _blocks(size)
    if not 0 <= shard < shards <= blocks:
        raise ValueError(
            f"shard must be one of at most {blocks}, counted from 0, for {size} starts in blocks "
            f"of {BLOCK}, got {shard} of {shards}; take fewer shards"
        )
    first, stop = (blocks * i // shards * BLOCK for i in (shard, shard + 1))
    return range(first, min(stop, size))


def _blocks(size: int) -> int:
    return math.ceil(size / BLOCK)
