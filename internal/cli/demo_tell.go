package cli

import (
	"fmt"

	"stormbus/examples/cinema"
	"stormbus/internal/app"
	"stormbus/internal/lineage"
)

// say prints what has happened: a line of JSON, or words.
func (d *demo) say(line any, format string, args ...any) error {
	if d.form == "json" {
		return printLine(d.env.Stdout, line)
	}
	_, err := fmt.Fprintf(d.env.Stdout, format, args...)
	return err
}

// chainLine is what a customer's request caused, in its JSON form.
type chainLine struct {
	line
	Customer string        `json:"customer"`
	About    string        `json:"about"`
	Event    string        `json:"event"` // id of the first one
	OK       bool          `json:"ok"`    // it ended as it should
	Problem  string        `json:"problem,omitempty"`
	Tree     *lineage.Node `json:"tree"` // null if it cannot be followed
}

// endedLine is the end of the story, in its JSON form.
type endedLine struct {
	line
	OK     bool  `json:"ok"` // all chains ended as they should
	Chains int   `json:"chains"`
	MS     int64 `json:"ms"`
}

// tellChain prints what a customer's request caused, and in JSON also what is wrong
// with it.
func (d *demo) tellChain(who cinema.Customer, id string, tree *lineage.Node, problem error) error {
	if d.form == "json" {
		told := chainLine{line: newLine("chain"), Customer: who.Name, About: who.About, Event: id, OK: problem == nil, Tree: tree}
		if problem != nil {
			told.Problem = problem.Error()
		}
		return printLine(d.env.Stdout, told)
	}
	if tree == nil {
		return nil // the problem is told at the end
	}
	fmt.Fprintf(d.env.Stdout, "\n%s %s\n", who.Name, who.About)
	return lineage.WriteTree(d.env.Stdout, tree, lineage.TextOptions{})
}

// printGoOn tells what can be done with the demo's server while it runs.
func printGoOn(env Env, a *app.App, cfg app.Config, d *demo) {
	fmt.Fprintf(env.Stdout, "\nThe server runs until you press Ctrl-C. In another terminal:\n\n")
	for _, kv := range sdkEnvironment(a.URL(), cfg.Region, cfg.Account) {
		fmt.Fprintf(env.Stdout, "  export %s\n", kv)
	}
	fmt.Fprintf(env.Stdout, "\n  %s trace %s\n", env.program(), d.firstEvent)
	fmt.Fprintf(env.Stdout, "  %s events tail\n", env.program())
	fmt.Fprintf(env.Stdout, "  aws events list-rules --event-bus-name cinema\n")
	fmt.Fprintf(env.Stdout, "\nIts board and its code are in %s, until the end of the demo.\nWhat you save there is applied at once.\n", d.project.Dir())
}
