package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/store"
)

func newStoreStats(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "stats [DATA]",
		Short: "Count what is stored, and say what it takes on disk",
		Long: "Count the rows, timers, changes and blobs in the data directory DATA (default: .stormbus) and say what\n" +
			"they take on disk. If a server has the directory open, the server is asked.",
		Args: usage(cobra.MaximumNArgs(1)),
	}
	find := addEndpointFlag(cmd, env)
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
		server, err := find()
		if err != nil {
			return err
		}
		st, err := readStats(cmd.Context(), env, data, server)
		if err != nil {
			return err
		}
		if form == "json" {
			return printJSON(env.Stdout, st)
		}
		return printStats(env.Stdout, data, st)
	}
	return cmd
}

func readStats(ctx context.Context, env Env, data string, s *server) (store.Stats, error) {
	o, bar := offline(env)
	st, err := store.ReadStats(ctx, app.StoreDir(data), o)
	bar.clear()
	if !errors.Is(err, store.ErrLocked) {
		return st, withHint(err, data, "")
	}
	if err := s.getJSON(ctx, "/_stormbus/api/store/stats?data="+url.QueryEscape(data), &st); err != nil {
		return st, withHint(store.ErrLocked, data, err.Error())
	}
	return st, nil
}

func printStats(to io.Writer, data string, st store.Stats) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %s\n", data, formatBytes(st.Sizes.Total()))
	fmt.Fprintf(w, "  tables\t%s\tin %d files\n", formatBytes(st.Sizes.Tables), st.Sizes.TableFiles)
	fmt.Fprintf(w, "  logs\t%s\n", formatBytes(st.Sizes.Logs))
	fmt.Fprintf(w, "  blobs\t%s\tin %d files, rows refer to %d\n", formatBytes(st.Sizes.Blobs), st.Sizes.BlobFiles, st.Referenced)
	if st.WriteAmplification != nil {
		fmt.Fprintf(w, "  bytes written for each byte stored\t%.1f\n", *st.WriteAmplification)
	}
	fmt.Fprint(w, "\npartition\tupdates\tnewest\n")
	for _, p := range st.Parts {
		fmt.Fprintf(w, "%d\t%d\t%s\n", p.Part, p.Seq, moment(p.Time))
	}
	fmt.Fprint(w, "\npartition\trows of\trows\tbytes\n")
	for _, s := range st.Spaces {
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\n", s.Part, s.Prefix, s.Rows, formatBytes(s.Bytes))
	}
	if len(st.Topics) > 0 {
		fmt.Fprint(w, "\npartition\ttopic\tchanges\toldest\tnewest\n")
	}
	for _, t := range st.Topics {
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\n", t.Part, t.Topic, t.Changes, moment(t.Oldest), moment(t.Newest))
	}
	if len(st.Timers) > 0 {
		fmt.Fprint(w, "\npartition\ttimers of\tcount\tfirst due\tlast due\n")
	}
	for _, t := range st.Timers {
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\n", t.Part, t.Kind, t.Count, moment(t.First), moment(t.Last))
	}
	fmt.Fprint(w, "\nlevel\ttables\tbytes\n")
	for _, l := range st.Levels {
		fmt.Fprintf(w, "%d\t%d\t%s\n", l.Level, l.Tables, formatBytes(l.Bytes))
	}
	return w.Flush()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
