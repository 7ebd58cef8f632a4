package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/store"
)

func newStoreVerify(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify [DATA]",
		Short: "Read everything that is stored and say what is not as it was written",
		Long: "Read every file, row and blob in the data directory DATA (default: .stormbus), which no server may\n" +
			"use meanwhile, and say what is not as it was written. Nothing is changed.\n" +
			"The exit code is 0 if all is well and 5 if something is damaged.",
		Args: usage(cobra.MaximumNArgs(1)),
	}
	output := addOutputFlag(cmd, "text", "json")
	directory := addDataFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		data, err := directory(args)
		if err != nil {
			return err
		}
		o, bar := offline(env)
		rep, err := store.Verify(cmd.Context(), app.StoreDir(data), o)
		bar.clear()
		if err != nil {
			return withHint(err, data, "stop the server, or back it up with `stormbus store backup` and verify the backup")
		}
		if err := printReport(env.Stdout, form, data, rep); err != nil {
			return err
		}
		if rep.Found > 0 {
			return damaged(rep, data)
		}
		return nil
	}
	return cmd
}

func printReport(w io.Writer, form, data string, rep store.Report) error {
	if form == "json" {
		return printJSON(w, rep)
	}
	verdict := "ok"
	if rep.Found > 0 {
		verdict = "damaged"
	}
	_, err := fmt.Fprintf(w, "%s: %s\n  %d tables, %d logs, %s read\n  %d rows, %d timers, %d changes, %d blobs\n",
		data, verdict, rep.Tables, rep.Logs, formatBytes(rep.Bytes), rep.Rows, rep.Timers, rep.Changes, rep.Blobs)
	if err != nil {
		return err
	}
	if rep.Orphans > 0 {
		fmt.Fprintf(w, "  %d blobs (%s) that nothing refers to: they do no harm\n", rep.Orphans, formatBytes(rep.OrphanBytes))
	}
	for _, p := range rep.Problems {
		fmt.Fprintf(w, "  damaged: %s\n", p)
	}
	if more := rep.Found - len(rep.Problems); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
	return nil
}
