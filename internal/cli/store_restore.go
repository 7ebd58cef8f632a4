package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/store"
)

func newStoreRestore(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Copy a backup back into a data directory",
		Long: "Verify the backup in the directory BACKUP, copy it into the data directory and verify the copy. Only then\n" +
			"does it take the place of what was there, and only if --overwrite says so. The backup stays as it is.",
		Args: exactArgs(1, "the directory of a backup"),
	}
	data := cmd.Flags().String("data", defaultData, "data directory to restore")
	overwrite := cmd.Flags().Bool("overwrite", false, "replace what is stored there now")
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		from, err := absolute(args[0])
		if err != nil {
			return err
		}
		to, err := absolute(*data)
		if err != nil {
			return err
		}
		rep, err := restore(cmd.Context(), env, from, to, *overwrite)
		if err != nil {
			return err
		}
		if form == "json" {
			return printJSON(env.Stdout, map[string]any{"data": to, "verified": rep})
		}
		_, err = fmt.Fprintf(env.Stdout, "%s is restored from %s: %d rows, %d blobs, %s, verified\n", to, from, rep.Rows, rep.Blobs, formatBytes(rep.Bytes))
		return err
	}
	return cmd
}

func restore(ctx context.Context, env Env, from, to string, overwrite bool) (store.Report, error) {
	o, bar := offline(env)
	rep, err := store.Verify(ctx, app.StoreDir(from), o)
	bar.clear()
	if err != nil {
		return rep, withHint(err, from, "a server runs on the backup; stop it first")
	}
	if rep.Found > 0 {
		return rep, errors.Join(printReport(env.Stderr, "text", from, rep),
			withCode(exitDamaged, "the backup in %s is damaged; %s has not been touched (restore another backup)", from, to))
	}
	if err := mayReplace(to, overwrite); err != nil {
		return rep, err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return rep, fmt.Errorf("make the data directory: %w", err)
	}
	rep, err = fill(ctx, env, to, func(o store.Offline, unfinished string) error {
		return store.Copy(ctx, app.StoreDir(from), unfinished, false, o)
	})
	return rep, withHint(err, to, "stop the server first")
}

// mayReplace returns an error if something is stored in the data directory and
// must stay. It puts back what an interrupted restore has moved away.
func mayReplace(data string, overwrite bool) error {
	dir := app.StoreDir(data)
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		err := os.Rename(store.Replaced(dir), dir)
		if errors.Is(err, os.ErrNotExist) {
			return nil // nothing was ever stored
		}
		if err != nil {
			return fmt.Errorf("put back what an earlier restore moved away: %w", err)
		}
	} else if err != nil {
		return err
	}
	if !overwrite {
		return fmt.Errorf("something is stored in %s already (replace it with --overwrite, or name another directory with --data)", data)
	}
	return nil
}
