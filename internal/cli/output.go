package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"stormbus/internal/clock"
)

// addOutputFlag gives cmd the flag --output with the forms it can print; the
// first is the default. The returned function gives the chosen one.
func addOutputFlag(cmd *cobra.Command, forms ...string) func() (string, error) {
	flag := cmd.Flags().StringP("output", "o", forms[0], "how to print: "+strings.Join(forms, ", "))
	return func() (string, error) { return oneOf("output", *flag, forms) }
}

// addFormatFlag is addOutputFlag for verbs whose forms are more than text and JSON:
// the flag is also called --format.
func addFormatFlag(cmd *cobra.Command, forms ...string) func() (string, error) {
	flag := cmd.Flags().String("format", forms[0], "how to print: "+strings.Join(forms, ", "))
	cmd.Flags().StringVarP(flag, "output", "o", forms[0], "the same as --format: "+strings.Join(forms, ", "))
	return func() (string, error) { return oneOf("format", *flag, forms) }
}

// addChoiceFlag gives cmd a flag that has one of several values; the first is the
// default. The returned function gives the chosen one.
func addChoiceFlag(cmd *cobra.Command, name, help string, choices ...string) func() (string, error) {
	flag := cmd.Flags().String(name, choices[0], help+": "+strings.Join(choices, ", "))
	return func() (string, error) { return oneOf(name, *flag, choices) }
}

func oneOf(name, value string, choices []string) (string, error) {
	if !slices.Contains(choices, value) {
		return "", withCode(exitUsage, "--%s %s: want %s", name, value, orList(choices))
	}
	return value, nil
}

// orList gives choices as a sentence does: a, b or c.
func orList(choices []string) string {
	last := len(choices) - 1
	if last == 0 {
		return choices[0]
	}
	return strings.Join(choices[:last], ", ") + " or " + choices[last]
}

// oneLine replaces what would break a line or a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// line begins each line of JSON that a verb prints which goes on.
type line struct {
	Kind string    `json:"kind"` // what the line tells; it has the same fields each time
	Time time.Time `json:"time"`
}

func newLine(kind string) line { return line{kind, clock.Real().Now().UTC()} }

// printLine writes v to w as one line of JSON.
func printLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}

// printJSON writes v to w as indented JSON.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return nil
}
