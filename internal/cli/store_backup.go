package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/console"
	"stormbus/internal/store"
)

func newStoreBackup(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup BACKUP",
		Short: "Copy what is stored to a new directory, also while the server runs",
		Long: "Copy the store to the new directory BACKUP and verify the copy. If a server has the data directory open,\n" +
			"the server makes the copy, and goes on meanwhile: the copy is what was stored at one moment.\n" +
			"BACKUP is a data directory itself. On the same disk it shares files with the original: to be safe from\n" +
			"a broken disk, copy it to another one.",
		Args: exactArgs(1, "the directory to make"),
	}
	data := cmd.Flags().String("data", defaultData, "data directory to back up")
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		from, err := absolute(*data)
		if err != nil {
			return err
		}
		to, err := absolute(args[0])
		if err != nil {
			return err
		}
		server, err := find()
		if err != nil {
			return err
		}
		if err := emptyOrNew(to); err != nil {
			return err
		}
		rep, err := backup(cmd.Context(), env, from, to, server)
		if err != nil {
			return err
		}
		if form == "json" {
			return printJSON(env.Stdout, map[string]any{"backup": to, "verified": rep})
		}
		_, err = fmt.Fprintf(env.Stdout, "%s is backed up to %s: %d rows, %d blobs, %s, verified\n", from, to, rep.Rows, rep.Blobs, formatBytes(rep.Bytes))
		return err
	}
	return cmd
}

// backup fills to. If it fails, nothing of it is left.
func backup(ctx context.Context, env Env, from, to string, s *server) (rep store.Report, err error) {
	_, statErr := os.Stat(to)
	made := errors.Is(statErr, os.ErrNotExist)
	if err := os.MkdirAll(to, 0o700); err != nil {
		return rep, fmt.Errorf("make the backup: %w", err)
	}
	defer func() {
		if err != nil && made {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	return fill(ctx, env, to, func(o store.Offline, unfinished string) error {
		err := store.Copy(ctx, app.StoreDir(from), unfinished, true, o)
		if !errors.Is(err, store.ErrLocked) {
			return withHint(err, from, "")
		}
		err = s.post(ctx, "/_stormbus/api/store/backup", console.Backup{Data: from, To: unfinished})
		if err != nil {
			return withHint(store.ErrLocked, from, err.Error())
		}
		return nil
	})
}

// fill makes the store of a data directory: copied under another name first,
// verified, and then put in its place. If it fails, the copy is removed.
func fill(ctx context.Context, env Env, data string, copyTo func(o store.Offline, unfinished string) error) (rep store.Report, err error) {
	o, bar := offline(env)
	defer bar.clear()
	unfinished := app.StoreDir(data) + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return rep, fmt.Errorf("remove what is left of an earlier attempt: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(unfinished))
		}
	}()
	if err := copyTo(o, unfinished); err != nil {
		return rep, err
	}
	rep, err = store.Verify(ctx, unfinished, o)
	if err != nil {
		return rep, err
	}
	if rep.Found > 0 {
		bar.clear()
		return rep, errors.Join(printReport(env.Stderr, "text", data, rep), damaged(rep, data))
	}
	// What is stored is nobody else's business.
	if err := os.Chmod(unfinished, 0o700); err != nil {
		return rep, fmt.Errorf("protect the copy: %w", err)
	}
	return rep, store.Replace(app.StoreDir(filepath.Clean(data)), unfinished, o)
}
