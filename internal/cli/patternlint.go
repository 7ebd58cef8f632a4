package cli

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/pattern"
)

// linted is what lint found, in its JSON form.
type linted struct {
	Patterns int               `json:"patterns"`
	Complete bool              `json:"complete"` // false: so many that not all were compared
	Findings []pattern.Finding `json:"findings"`
}

func newPatternLint(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Find patterns that cannot match, parts without effect, and rules that are equal",
		Long: "Find patterns that cannot match, parts without effect, and rules that are equal or shadow one\n" +
			"another. Only what is certain is reported.\n\n" +
			"A FILE (or - for standard input) holds one pattern, an object of names and patterns, or the\n" +
			"rules of a bus as `aws events list-rules` prints them.\n" +
			"The exit code is 0 if there is no error and no warning, 1 if there is, 2 for input that is not valid.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || slices.Contains(args, "") {
				return withCode(exitUsage, "stormbus pattern lint wants at least one file, or - for standard input (see `stormbus pattern lint --help`)")
			}
			return nil
		},
	}
	output := addOutputFlag(cmd, "text", "json")
	form := addChoiceFlag(cmd, "form", "what the files hold", formAuto, formPattern, formNamed)
	events := addChoiceFlag(cmd, "events", "what the patterns see: events of a bus, or any JSON, as filters of pipes and event source mappings do", "bus", "any")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		printed, err := output()
		if err != nil {
			return err
		}
		result, err := lint(env, args, form, events)
		if err != nil {
			return err
		}
		if printed == "json" {
			err = printJSON(env.Stdout, result)
		} else {
			err = result.write(env.Stdout)
		}
		if err == nil && result.isBad() {
			return &codedError{code: exitNoMatch}
		}
		return err
	}
	return cmd
}

// lint reads all files and checks their patterns as one set.
func lint(env Env, names []string, form, events func() (string, error)) (*linted, error) {
	want, err := form()
	if err != nil {
		return nil, err
	}
	seen, err := events()
	if err != nil {
		return nil, err
	}
	schema := pattern.Schema(pattern.EventSchema)
	if seen == "any" {
		schema = nil
	}
	var texts []ruleText
	for _, name := range names {
		read, err := env.rules(name, want)
		if err != nil {
			return nil, err
		}
		if len(names) > 1 {
			read = within(name, read)
		}
		texts = append(texts, read...)
	}
	return check(texts, schema)
}

// check compiles the patterns and checks those that are valid.
func check(texts []ruleText, schema pattern.Schema) (*linted, error) {
	result := &linted{Patterns: len(texts), Findings: []pattern.Finding{}}
	var rules []pattern.Named
	for _, t := range texts {
		p, err := pattern.Compile([]byte(t.text), pattern.Classic, pattern.StrictAWS(pattern.Classic))
		if err != nil {
			result.Findings = append(result.Findings, pattern.Finding{
				ID: "not-valid", Severity: pattern.Error, Rule: t.name,
				Text: notValid(err), Remedy: oneLine(cmp.Or(hint(err), "correct the pattern; PutRule refuses it with these words")),
			})
			continue
		}
		rules = append(rules, pattern.Named{Name: t.name, Pattern: p})
	}
	findings, complete, err := pattern.LintSet(rules, schema)
	if err != nil {
		return nil, err
	}
	result.Findings, result.Complete = append(result.Findings, findings...), complete
	return result, nil
}

// isBad reports whether there is more than information.
func (l *linted) isBad() bool {
	return slices.ContainsFunc(l.Findings, func(f pattern.Finding) bool { return f.Severity != pattern.Info })
}

// write prints the findings for people: a line for each, and below it the remedy.
func (l *linted) write(w io.Writer) error {
	buf := bufio.NewWriter(w)
	count := map[pattern.Severity]int{}
	for _, f := range l.Findings {
		count[f.Severity]++
		where := ""
		if f.Path != "" {
			where += " at " + f.Path
		}
		if len(f.Branch) > 0 {
			where += " in " + strings.Join(f.Branch, ", ")
		}
		fmt.Fprintf(buf, "%s: %s %s%s: %s\n    %s\n", oneLine(f.Rule), f.Severity, f.ID, oneLine(where), oneLine(f.Text), f.Remedy)
	}
	if !l.Complete {
		fmt.Fprintln(buf, "so many rules that not all were compared with one another")
	}
	fmt.Fprintf(buf, "patterns: %d, errors: %d, warnings: %d, infos: %d\n",
		l.Patterns, count[pattern.Error], count[pattern.Warning], count[pattern.Info])
	return buf.Flush()
}
