"""Start of the stormbus runtime: python <directory of this file>."""

from stormbus_runtime import bootstrap

# A child that multiprocessing starts by "spawn" imports this file again, under
# another name.
if __name__ == "__main__":
    bootstrap.main()
