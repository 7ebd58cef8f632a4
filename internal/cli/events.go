package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"stormbus/internal/console"
	"stormbus/internal/event"
)

func newEvents(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "events",
		Short: "Watch the events on the buses, and ask why rules do not take one",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newEventsTail(env), newEventsWhy(env))
	return cmd
}

func newEventsTail(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tail",
		Short: "Print events as they are published, until interrupted",
		Long: "Print events as they are published, until interrupted: for each its time, its bus, its\n" +
			"detail-type, its source, its id, how many rules took it, and its detail. An event for a bus\n" +
			"that does not exist is dropped, as AWS does, and is not printed.\n" +
			"Of an event that no rule took, `stormbus events why ID` says why.",
		Args: usage(cobra.NoArgs),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	bus := cmd.Flags().String("bus", "", "only the events of this bus")
	count := cmd.Flags().Int("count", 0, "end after this many events; 0 means never")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		if *count < 0 {
			return withCode(exitUsage, "--count %d: want 0 or more", *count)
		}
		server, err := find()
		if err != nil {
			return err
		}
		body, err := server.get(cmd.Context(), "/_stormbus/api/events?bus="+url.QueryEscape(*bus))
		if err != nil {
			return err
		}
		defer body.Close()
		on := ""
		if *bus != "" {
			on = " on bus " + oneLine(*bus)
		}
		fmt.Fprintf(env.Stderr, "stormbus: waiting for events%s at %s\n", on, server.url)
		err = tail(body, env.Stdout, form, *count)
		if cmd.Context().Err() != nil {
			return nil // interrupted: that is how a tail ends
		}
		return err
	}
	return cmd
}

// maxLine bounds one line of the stream: an event of the largest size, with
// its bus and trace.
const maxLine = 2 * event.MaxRequestSize

func tail(from io.Reader, to io.Writer, form string, count int) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxLine)
	for seen := 0; lines.Scan(); {
		if form == "json" {
			fmt.Fprintf(to, "%s\n", lines.Bytes())
		} else if err := printEvent(to, lines.Bytes()); err != nil {
			return err
		}
		if seen++; seen == count {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	return errors.New("the server ended the stream")
}

func printEvent(to io.Writer, line []byte) error {
	var e console.Event
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	v, err := event.Parse(e.Event)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	_, err = fmt.Fprintf(to, "%s  %s  %s  %s  %s  %s  %s\n",
		e.Time.Local().Format("15:04:05.000"), e.Bus, v.DetailType, v.Source, v.ID, count(e.Matched, "rule"), v.Detail)
	return err
}
