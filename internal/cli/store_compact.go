package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/store"
)

func newStoreCompact(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compact [DATA]",
		Short: "Rewrite the tables, so that deleted rows take no space any more",
		Long: "Rewrite the tables in the data directory DATA (default: .stormbus), which no server may use meanwhile.\n" +
			"A running server does this by itself, little by little; it is never necessary.",
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
		before, after, err := store.Compact(cmd.Context(), app.StoreDir(data), o)
		bar.clear()
		if err != nil {
			return withHint(err, data, "stop the server first; while it runs it compacts by itself")
		}
		if form == "json" {
			return printJSON(env.Stdout, map[string]store.Sizes{"before": before, "after": after})
		}
		_, err = fmt.Fprintf(env.Stdout, "%s: %s before, %s after\n  tables %s in %d files, then %s in %d\n  logs   %s, then %s\n",
			data, formatBytes(before.Total()), formatBytes(after.Total()),
			formatBytes(before.Tables), before.TableFiles, formatBytes(after.Tables), after.TableFiles,
			formatBytes(before.Logs), formatBytes(after.Logs))
		return err
	}
	return cmd
}
