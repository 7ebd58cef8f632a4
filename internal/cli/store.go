package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/store"
)

// exitDamaged says that stored data is not as it was written.
const exitDamaged = 5

// defaultData is the data directory of a project, seen from there.
const defaultData = ".stormbus"

func newStore(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Verify, count, compact, back up and restore what a server has stored",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newStoreVerify(env), newStoreStats(env), newStoreCompact(env), newStoreBackup(env), newStoreRestore(env))
	return cmd
}

// addDataFlag gives cmd the flag --data. The returned function gives the data
// directory: the argument, or what the flag says.
func addDataFlag(cmd *cobra.Command) func(args []string) (string, error) {
	flag := cmd.Flags().String("data", defaultData, "data directory, if it is no argument")
	return func(args []string) (string, error) {
		switch {
		case len(args) == 0:
			return absolute(*flag)
		case cmd.Flags().Changed("data"):
			return "", withCode(exitUsage, "name the data directory once: %s, or --data %s", args[0], *flag)
		}
		return absolute(args[0])
	}
}

func absolute(path string) (string, error) {
	if path == "" {
		return "", withCode(exitUsage, "an empty name is no directory")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("directory %s: %w", path, err)
	}
	return abs, nil
}

// withHint adds to an error what to do next. inUse is what to do when a server
// has the directory open.
func withHint(err error, data, inUse string) error {
	switch {
	case errors.Is(err, store.ErrNoStore):
		hint := "name the directory that `stormbus up --data` names"
		if _, statErr := os.Stat(app.StoreDir(filepath.Join(data, defaultData))); statErr == nil {
			hint = "did you mean " + filepath.Join(data, defaultData) + "?"
		}
		return withCode(exitNotFound, "%w (%s)", err, hint)
	case errors.Is(err, store.ErrLocked):
		return fmt.Errorf("%s is in use by another process: %s", data, inUse)
	case errors.Is(err, store.ErrDamaged):
		// The engine says more in further lines, for its makers.
		what, _, _ := strings.Cut(err.Error(), "\n")
		return withCode(exitDamaged, "%s (see `stormbus store verify`, and restore a backup with `stormbus store restore`)", what)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w (run this as the user who runs the server)", err)
	}
	return err
}

// offline returns how to work on a directory, and the bar that shows how far
// the work is.
func offline(env Env) (store.Offline, *bar) {
	b := newBar(env)
	return store.Offline{Spaces: app.Spaces(), Progress: b.show}, b
}

// damaged returns the error of a store with problems. They have been printed.
func damaged(rep store.Report, dir string) error {
	things := fmt.Sprintf("%d problems", rep.Found)
	if rep.Found == 1 {
		things = "1 problem"
	}
	return withCode(exitDamaged, "%s in %s (restore a backup with `stormbus store restore`, or copy the directory before you try anything else)", things, dir)
}

// emptyOrNew returns an error if there is anything in dir.
func emptyOrNew(dir string) error {
	names, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%w (name a directory)", err)
	case len(names) > 0:
		return fmt.Errorf("%s is not empty (name a new directory)", dir)
	}
	return nil
}
