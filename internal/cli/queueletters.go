package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"stormbus/internal/arn"
	"stormbus/internal/console"
	"stormbus/internal/delivery"
	"stormbus/internal/store"
	"stormbus/internal/svc/sqs"
)

// redriveLetters has dead letters of rules and functions delivered again, and
// prints what became of each.
func redriveLetters(ctx context.Context, env Env, s *server, q sqs.Summary, in console.Redrive, form string) error {
	var report letterReport = &letterSums{to: env.Stdout}
	switch {
	case form == "json":
		report = &letterDocument{to: env.Stdout, Queue: q.ARN, DryRun: in.DryRun, Messages: []delivery.Redriven{}}
	case in.DryRun:
		report = letterLines{env.Stdout}
	}
	total := int64(q.Visible + q.InFlight + q.Delayed)
	progress := newBar(env)
	defer progress.clear()
	var going, stay int
	err := s.redrive(ctx, in, func(l *delivery.Redriven) error {
		if l.Stays == "" {
			going++
		} else {
			stay++
		}
		if form == "json" || !in.DryRun {
			progress.show(store.Progress{Stage: "redrive", Done: int64(going + stay), Total: total})
		}
		return report.add(l)
	})
	progress.clear()
	if endErr := report.end(); endErr != nil {
		return errors.Join(err, endErr)
	}
	if err != nil {
		return fmt.Errorf("%s: after %s: %w", q.Name, plural(going+stay, "message"), err)
	}
	fmt.Fprintf(env.Stderr, "stormbus: %s\n", letterResult(q.Name, going, stay, in.DryRun))
	if stay > 0 && !in.DryRun {
		are := "are"
		if stay == 1 {
			are = "is"
		}
		return fmt.Errorf("%s of %s could not be delivered, and %s kept there", plural(stay, "message"), q.Name, are)
	}
	return nil
}

// letterResult says in a sentence what was done.
func letterResult(queue string, going, stay int, dryRun bool) string {
	are := "are on their way again"
	switch {
	case going+stay == 0:
		return queue + " has no messages"
	case dryRun:
		are = "would be delivered again; nothing was changed"
	case going == 1:
		are = "is on its way again"
	}
	return fmt.Sprintf("%s of %s %s", plural(going, "dead letter"), queue, are)
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// redrive asks the server to deliver dead letters again, and calls each with what
// became of one message after the other.
func (s *server) redrive(ctx context.Context, in console.Redrive, each func(*delivery.Redriven) error) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("ask %s: %w", s.url, err)
	}
	answer, err := s.do(ctx, http.MethodPost, "/_stormbus/api/queues/redrive", body)
	if err != nil {
		return err
	}
	defer answer.Close()
	for lines := json.NewDecoder(answer); ; {
		var line console.RedriveLine
		switch err := lines.Decode(&line); {
		case ctx.Err() != nil:
			return withCode(exitInterrupted, "interrupted; what has been delivered has left the queue, so the command can be given again")
		case err != nil:
			return fmt.Errorf("the answer of %s was cut off (%w); what has been delivered has left the queue, so the command can be given again", s.url, err)
		case line.Error != "":
			return errors.New(line.Error)
		case line.End:
			return nil
		case line.Letter == nil:
			continue // of a later version
		}
		if err := each(line.Letter); err != nil {
			return err
		}
	}
}

// letterReport prints what became of dead letters.
type letterReport interface {
	add(l *delivery.Redriven) error
	end() error
}

// letterDocument prints one JSON document.
type letterDocument struct {
	to        io.Writer
	Queue     string              `json:"queue"`
	DryRun    bool                `json:"dryRun"`
	Delivered int                 `json:"delivered"` // of a dry run: would be
	Stay      int                 `json:"stay"`
	Messages  []delivery.Redriven `json:"messages"`
}

func (d *letterDocument) add(l *delivery.Redriven) error {
	if l.Stays == "" {
		d.Delivered++
	} else {
		d.Stay++
	}
	d.Messages = append(d.Messages, *l)
	return nil
}

func (d *letterDocument) end() error { return printJSON(d.to, d) }

// letterLines prints a line for each message.
type letterLines struct{ to io.Writer }

func (p letterLines) add(l *delivery.Redriven) error {
	_, err := fmt.Fprintf(p.to, "%s  %s  %s\n", l.MessageID, l.Sent.Local().Format("2006-01-02 15:04:05"), letterWay(l))
	return err
}

func (p letterLines) end() error { return nil }

// letterWay says where a letter goes, or why it stays.
func letterWay(l *delivery.Redriven) string {
	if l.Stays != "" {
		if way := letterTarget(l); way != "" {
			return oneLine("stays, for " + way + ": " + l.Stays)
		}
		return oneLine("stays: " + l.Stays)
	}
	return oneLine("→ " + letterTarget(l))
}

// letterTarget names the target and the rule of a letter, as trees do.
func letterTarget(l *delivery.Redriven) string {
	a, err := arn.Parse(l.Target)
	if err != nil {
		return l.Target
	}
	way := l.Target
	if name, _, ok := a.FunctionName(); ok {
		way = "function " + name
	} else if name, ok := a.QueueName(); ok {
		way = "queue " + name
	} else if name, ok := a.BusName(); ok {
		way = "bus " + name
	}
	if a, err := arn.Parse(l.Rule); err == nil {
		if _, name, ok := a.RuleName(); ok {
			way += " (rule " + name + ")"
		}
	}
	return way
}

// letterSums counts the letters of each target, and those that stay for the same
// reason.
type letterSums struct {
	to   io.Writer
	ways []*letterSum // in order of the first
	of   map[string]*letterSum
}

type letterSum struct {
	way   string
	count int
	stay  []string // ids of the first messages that stay
}

// shownStays is how many messages that stay for one reason are named.
const shownStays = 3

func (p *letterSums) add(l *delivery.Redriven) error {
	way := letterWay(l)
	sum := p.of[way]
	if sum == nil {
		sum = &letterSum{way: way}
		if p.of == nil {
			p.of = map[string]*letterSum{}
		}
		p.ways, p.of[way] = append(p.ways, sum), sum
	}
	sum.count++
	if l.Stays != "" && len(sum.stay) <= shownStays {
		sum.stay = append(sum.stay, l.MessageID)
	}
	return nil
}

func (p *letterSums) end() error {
	for _, sum := range p.ways {
		ids := ""
		if more := len(sum.stay) > shownStays; len(sum.stay) > 0 {
			ids = "  (" + strings.Join(sum.stay[:min(len(sum.stay), shownStays)], ", ")
			if more {
				ids += ", …"
			}
			ids += ")"
		}
		if _, err := fmt.Fprintf(p.to, "%d  %s%s\n", sum.count, sum.way, ids); err != nil {
			return err
		}
	}
	return nil
}
