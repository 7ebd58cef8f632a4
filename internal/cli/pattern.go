package cli

import (
	"errors"
	"fmt"

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
		Use:   "test --pattern PATTERN --event EVENT",
		Short: "Say whether an event matches a pattern, and if not, why",
		Long: "Say whether an event matches a pattern, and of each field what held or what was missing.\n\n" +
			"PATTERN and EVENT are JSON, the name of a file (also with @ before it), or - for standard input.\n" +
			"The exit code is 0 for a match, 1 for no match, 2 for input that is not valid.",
		Args: usage(cobra.NoArgs),
	}
	output := addOutputFlag(cmd, "text", "json")
	patternArg := cmd.Flags().StringP("pattern", "p", "", "the event pattern")
	eventArg := cmd.Flags().StringP("event", "e", "", "the event, with its envelope")
	cmd.RunE = func(*cobra.Command, []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		explanation, err := explain(env, *patternArg, *eventArg)
		if err != nil {
			return err
		}
		if form == "json" {
			err = printJSON(env.Stdout, explanation)
		} else {
			err = explanation.WriteText(env.Stdout)
		}
		if err == nil && !explanation.Matched {
			return &codedError{code: exitNoMatch}
		}
		return err
	}
	return cmd
}

// explain reads a pattern and an event and matches them. Its errors have the exit
// code for usage.
func explain(env Env, patternArg, eventArg string) (*pattern.Explanation, error) {
	if patternArg == "" || eventArg == "" {
		return nil, withCode(exitUsage, "stormbus pattern test wants --pattern and --event (see `stormbus pattern test --help`)")
	}
	if patternArg == standardInput && eventArg == standardInput {
		return nil, withCode(exitUsage, "--pattern and --event: only one of them can be - for standard input")
	}
	text, err := env.document("--pattern", patternArg)
	if err != nil {
		return nil, err
	}
	p, err := pattern.Compile(text, pattern.Classic, pattern.StrictAWS(pattern.Classic))
	if err != nil {
		return nil, withCode(exitUsage, "--pattern: %s", notValid(err))
	}
	event, err := env.document("--event", eventArg)
	if err != nil {
		return nil, err
	}
	explanation, err := pattern.Explain(p, &pattern.Doc{Data: event})
	if err != nil {
		return nil, withCode(exitUsage, "--event: %w", err)
	}
	return explanation, nil
}

// notValid says in one line what AWS says about a pattern in two, and leaves out
// the pattern itself.
func notValid(err error) string {
	syntax, ok := errors.AsType[*pattern.SyntaxError](err)
	switch {
	case !ok:
		return err.Error()
	case syntax.Line == 0:
		return "Event pattern is not valid. Reason: " + syntax.Reason
	}
	return fmt.Sprintf("Event pattern is not valid. Reason: %s (line %d, before column %d)", syntax.Reason, syntax.Line, syntax.Col)
}
