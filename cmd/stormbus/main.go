// Stormbus is the event bus that a team can design, run, see through and ship.
package main

import (
	"os"

	"stormbus/internal/cli"
)

func main() { os.Exit(cli.Main()) }
