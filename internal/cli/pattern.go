package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/pattern"
)

// exitNoMatch is what the verbs below pattern return if all went well and the
// answer is no.
const exitNoMatch = 1

func newPattern(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pattern",
		Short: "Try and check event patterns, without a server",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPatternTest(env), newPatternLint(env))
	return cmd
}

func newPatternTest(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test --pattern PATTERN | --rules RULES --event EVENT",
		Short: "Say whether an event matches a pattern or one of many rules, and if not, why",
		Long: "Say whether an event matches a pattern, and of each field what held or what was missing. With\n" +
			"--rules instead of --pattern, say which rules take the event, and of the others which came\n" +
			"closest and why they do not.\n\n" +
			"PATTERN, RULES and EVENT are JSON, the name of a file (also with @ or file:// before it), or -\n" +
			"for standard input. PATTERN may also be a rule as `aws events describe-rule` prints it. RULES is\n" +
			"what `aws events list-rules` prints, or an object of names and patterns.\n" +
			"The exit code is 0 for a match, 1 for no match, 2 for input that is not valid.",
		Args: usage(cobra.NoArgs),
	}
	output := addOutputFlag(cmd, "text", "json")
	var in testInput
	cmd.Flags().StringVarP(&in.pattern, "pattern", "p", "", "the event pattern")
	cmd.Flags().StringVar(&in.rules, "rules", "", "many patterns, instead of one")
	cmd.Flags().IntVar(&in.most, "most", 5, "how many of the rules that do not match are explained")
	cmd.Flags().StringVarP(&in.event, "event", "e", "", "the event, with its envelope")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		in.given = cmd.Flags().Changed
		answer, matched, err := in.answer(env)
		if err != nil {
			return err
		}
		if form == "json" {
			err = printJSON(env.Stdout, answer)
		} else {
			err = answer.WriteText(env.Stdout)
		}
		if err == nil && !matched {
			return &codedError{code: exitNoMatch}
		}
		return err
	}
	return cmd
}

// testInput is what pattern test is asked.
type testInput struct {
	pattern, rules, event string
	most                  int
	given                 func(flag string) bool
}

// answerer is what pattern test prints.
type answerer interface{ WriteText(w io.Writer) error }

// answer matches the event with the pattern or with the rules. Its errors have the
// exit code for usage.
func (in testInput) answer(env Env) (answer answerer, matched bool, err error) {
	if err := in.check(); err != nil {
		return nil, false, err
	}
	if in.rules != "" {
		r, err := in.rank(env)
		return r, err == nil && r.Matched > 0, err
	}
	e, err := in.explain(env)
	return e, err == nil && e.Matched, err
}

// check finds out whether everything is there, once.
func (in testInput) check() error {
	first, flag := in.pattern, "pattern"
	if in.given("rules") {
		first, flag = in.rules, "rules"
	}
	for _, f := range []struct{ name, value string }{{flag, first}, {"event", in.event}} {
		if f.value == "" && in.given(f.name) {
			return withCode(exitUsage, "--%s is empty: did what should have printed it print nothing?", f.name)
		}
	}
	switch {
	case first == "" || in.event == "":
		return withCode(exitUsage, "stormbus pattern test wants --pattern and --event, or --rules and --event (see `stormbus pattern test --help`)")
	case in.pattern != "" && in.given("rules"):
		return withCode(exitUsage, "--pattern and --rules: want one of them")
	case in.most < 0:
		return withCode(exitUsage, "--most %d: want 0 or more", in.most)
	case first == standardInput && in.event == standardInput:
		return withCode(exitUsage, "--%s and --event: only one of them can be - for standard input", flag)
	}
	return nil
}

// explain explains one pattern.
func (in testInput) explain(env Env) (*pattern.Explanation, error) {
	text, err := env.document("--pattern", in.pattern)
	if err != nil {
		return nil, err
	}
	p, err := pattern.Compile(ofRule(text), pattern.Classic, pattern.StrictAWS(pattern.Classic))
	if err != nil {
		return nil, withCode(exitUsage, "--pattern: %s%s", notValid(err), below(hint(err)))
	}
	event, err := env.document("--event", in.event)
	if err != nil {
		return nil, err
	}
	explanation, err := pattern.Explain(p, &pattern.Doc{Data: event})
	if err != nil {
		return nil, eventError(event, err)
	}
	notes, err := lintNotes(p)
	explanation.Notes = append(explanation.Notes, notes...)
	return explanation, err
}

// lintNotes says which parts of a pattern are without effect, whatever the event
// is: who tests a pattern that takes too much looks there first.
func lintNotes(p *pattern.Pattern) ([]string, error) {
	findings, err := pattern.Lint(p, nil)
	if err != nil {
		return nil, err
	}
	var notes []string
	for _, f := range findings {
		if f.Severity == pattern.Info {
			continue
		}
		where := strings.Join(f.Branch, ", ")
		if f.Path != "" {
			where = f.Path
		}
		notes = append(notes, oneLine(strings.TrimPrefix(fmt.Sprintf("%s: %s: %s", where, f.Text, f.Remedy), ": ")))
	}
	return notes, nil
}

// rank ranks rules.
func (in testInput) rank(env Env) (*pattern.Ranking, error) {
	data, err := env.document("--rules", in.rules)
	if err != nil {
		return nil, err
	}
	texts, err := rulesOf("--rules", data, formAuto)
	if err != nil {
		return nil, err
	}
	var rules []pattern.Named
	for _, t := range texts {
		// What a server has taken may be beyond AWS's limits.
		p, err := pattern.Compile([]byte(t.text), pattern.Classic, pattern.Limits{})
		if err != nil {
			return nil, withCode(exitUsage, "--rules: %s: %s%s", oneLine(t.name), notValid(err), below(hint(err)))
		}
		rules = append(rules, pattern.Named{Name: t.name, Pattern: p, Disabled: t.disabled})
	}
	event, err := env.document("--event", in.event)
	if err != nil {
		return nil, err
	}
	ranking, err := pattern.WhyNot(rules, &pattern.Doc{Data: event}, in.most)
	if err != nil {
		return nil, eventError(event, err)
	}
	return ranking, nil
}

// eventError says what is wrong with an event.
func eventError(event []byte, err error) error {
	said := pattern.JSONHint(event)
	if errors.Is(err, pattern.ErrNotObject) {
		said = "give one event, as a rule sees it: {\"source\": …, \"detail-type\": …, \"detail\": {…}}"
	}
	return withCode(exitUsage, "--event: %w%s", err, below(said))
}

// below puts a hint below what is said, if there is one.
func below(hint string) string {
	if hint == "" {
		return ""
	}
	return "\n  " + oneLine(hint)
}

// hint says what to write instead of a pattern that is not valid.
func hint(err error) string {
	if syntax, ok := errors.AsType[*pattern.SyntaxError](err); ok {
		return syntax.Hint()
	}
	return ""
}

// notValid says in one line what AWS says about a pattern in two, and leaves out
// the pattern itself.
func notValid(err error) string {
	syntax, ok := errors.AsType[*pattern.SyntaxError](err)
	switch {
	case !ok:
		return err.Error()
	case syntax.Line == 0:
		return "Event pattern is not valid. Reason: " + oneLine(syntax.Reason)
	}
	return fmt.Sprintf("Event pattern is not valid. Reason: %s (line %d, before column %d)", oneLine(syntax.Reason), syntax.Line, syntax.Col)
}
