package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// addOutputFlag gives cmd the flag --output with the forms it can print; the
// first is the default. The returned function gives the chosen one.
func addOutputFlag(cmd *cobra.Command, forms ...string) func() (string, error) {
	flag := cmd.Flags().StringP("output", "o", forms[0], "how to print: "+strings.Join(forms, ", "))
	return func() (string, error) {
		if !slices.Contains(forms, *flag) {
			return "", withCode(exitUsage, "--output %s: want %s", *flag, strings.Join(forms, " or "))
		}
		return *flag, nil
	}
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
