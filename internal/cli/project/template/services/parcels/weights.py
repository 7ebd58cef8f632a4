"""What things weigh. A module of your own, beside the handlers."""

WEIGHTS = {"umbrella": 0.4, "piano": 180.0}  # kg


def weight_of(item: str, quantity: int) -> float:
    """Return the weight of some items in kg; what is unknown weighs one."""
    return round(WEIGHTS.get(item, 1.0) * quantity, 3)
