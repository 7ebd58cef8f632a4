package cli

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"stormbus/internal/lineage"
)

func newTrace(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace ID",
		Short: "Show what an event or a message caused: rules, deliveries, function runs, further events",
		Long: "Show the causation tree below an event: the rules that it matched, each delivery with its\n" +
			"attempts, the functions that ran, the messages that were received from queues, and what these\n" +
			"functions and receivers published and sent in turn. What has several causes, as a batch of\n" +
			"messages has, says what they are. ID may also be the id of a message.\n" +
			"Of an event that no rule matched, `stormbus events why ID` says why.",
		Args: exactArgs(1, "the id of an event, as PutEvents answered it, or of a message"),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	root := cmd.Flags().Bool("root", false, "begin at the event or message that started the whole chain")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		server, err := find()
		if err != nil {
			return err
		}
		path := "/_stormbus/api/trace/" + url.PathEscape(args[0])
		if *root {
			path += "?root=1"
		}
		var tree lineage.Node
		if err := server.getJSON(cmd.Context(), path, &tree); err != nil {
			return err
		}
		if form == "json" {
			return printJSON(env.Stdout, tree)
		}
		if err := lineage.WriteTree(env.Stdout, &tree, lineage.TextOptions{}); err != nil {
			return err
		}
		if tree.EventID != "" && !tree.UnknownBus && len(tree.Rules) == 0 {
			fmt.Fprintf(env.Stderr, "stormbus: `%s events why %s` says why no rule matched\n", env.program(), oneLine(tree.EventID))
		}
		return nil
	}
	return cmd
}

// exactArgs is cobra.ExactArgs with an exit code for usage and a hint at what
// is wanted. Empty arguments are none.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n || slices.Contains(args, "") {
			return withCode(exitUsage, "%s wants %s (see `%s --help`)", cmd.CommandPath(), what, cmd.CommandPath())
		}
		return nil
	}
}
