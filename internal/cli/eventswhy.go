package cli

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"stormbus/internal/console"
)

func newEventsWhy(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "why ID",
		Short: "Say which rules take an event, and why the others do not",
		Long: "Say which rules of its bus take an event that was published, and of the others which came\n" +
			"closest and why they do not take it. The event is the one that was published, the rules are\n" +
			"as they are now; rules that have changed since are named.\n\n" +
			"ID is what PutEvents answered, what `stormbus events tail` prints, or event_id in the output of\n" +
			"`stormbus trace --output json`. For an event that was not published, see `stormbus pattern test --rules`.",
		Args: exactArgs(1, "the id of an event, as PutEvents answered it"),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	most := cmd.Flags().Int("most", 5, "how many of the rules that do not take it are explained, up to 100")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		if *most < 0 || *most > 100 {
			return withCode(exitUsage, "--most %d: want a number from 0 to 100", *most)
		}
		server, err := find()
		if err != nil {
			return err
		}
		var answer []console.Why
		path := "/_stormbus/api/why/" + url.PathEscape(args[0]) + "?most=" + strconv.Itoa(*most)
		if err := server.getJSON(cmd.Context(), path, &answer); err != nil {
			return err
		}
		if form == "json" {
			return printJSON(env.Stdout, answer)
		}
		return writeWhy(env.Stdout, answer)
	}
	return cmd
}

// writeWhy prints for people why rules took an event or did not, bus by bus.
func writeWhy(w io.Writer, all []console.Why) error {
	buf := bufio.NewWriter(w)
	for i := range all {
		if i > 0 {
			fmt.Fprintln(buf)
		}
		if err := writeOneWhy(buf, &all[i]); err != nil {
			return err
		}
	}
	return buf.Flush()
}

func writeOneWhy(w io.Writer, y *console.Why) error {
	bus := oneLine(y.Bus)
	fmt.Fprintf(w, "%s  %s  %s  on bus %s\n", oneLine(y.DetailType), oneLine(y.Source), oneLine(y.EventID), bus)
	switch {
	case y.UnknownBus:
		_, err := fmt.Fprintf(w, "there is no event bus %s: the event was dropped, as AWS does; "+
			"correct EventBusName or make the bus, and publish it again\n", bus)
		return err
	case y.Dropped:
		_, err := fmt.Fprintf(w, "%s took it when it was published; the event itself is no longer kept, so the others cannot be explained\n",
			count(len(y.Took), "rule"))
		return err
	}
	if err := y.Rules.WriteText(w); err != nil {
		return err
	}
	since, noLonger := y.Changed()
	for _, name := range since {
		fmt.Fprintf(w, "\nnote: %s did not take the event when it was published: it was made, changed or enabled since; publish it again\n", oneLine(name))
	}
	for _, name := range noLonger {
		fmt.Fprintf(w, "\nnote: %s took the event when it was published: it was changed, disabled or removed since\n", oneLine(name))
	}
	return nil
}

// count says how many there are of something.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
