package pattern_test

import (
	"fmt"
	"os"

	"stormbus/internal/pattern"
)

func ExampleExplain() {
	p, err := pattern.Compile([]byte(`{"source": ["cinema"], "detail": {"seats": [{"exists": true}]}}`),
		pattern.Classic, pattern.StrictAWS(pattern.Classic))
	if err != nil {
		fmt.Println(err)
		return
	}
	explanation, err := pattern.Explain(p, &pattern.Doc{Data: []byte(`{"source": "cinema", "detail": {"Seats": ["F7"]}}`)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(explanation.Branches[0].Clauses[0].Reason)
	if err := explanation.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// missingPath
	// no match: 1 of 2 clauses held
	//   ✗ detail.seats  missing path: the event has detail.Seats: keys have case; wanted {"exists": true}
	//   ✔ source        "cinema"
}

func ExampleWhyNot() {
	var rules []pattern.Named
	for _, total := range []string{"10", "100"} {
		p, err := pattern.Compile([]byte(`{"source": ["shop"], "detail": {"total": [{"numeric": [">", `+total+`]}]}}`),
			pattern.Classic, pattern.StrictAWS(pattern.Classic))
		if err != nil {
			fmt.Println(err)
			return
		}
		rules = append(rules, pattern.Named{Name: "above-" + total, Pattern: p})
	}
	ranking, err := pattern.WhyNot(rules, &pattern.Doc{Data: []byte(`{"source": "shop", "detail": {"total": 60}}`)}, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := ranking.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 rule matched, 1 did not
	//   ✔ above-10
	//
	// above-100: no match: 1 of 2 clauses held
	//   ✗ detail.total  value differs: 60 is 40 below 100; wanted {"numeric": [">", 100]}
	//   ✔ source        "shop"
}

func ExampleLint() {
	p, err := pattern.Compile([]byte(`{"detailType": ["SeatsHeld"]}`), pattern.Classic, pattern.StrictAWS(pattern.Classic))
	if err != nil {
		fmt.Println(err)
		return
	}
	findings, err := pattern.Lint(p, pattern.EventSchema)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range findings {
		fmt.Printf("%s %s: %s\n", f.Severity, f.ID, f.Text)
	}
	// Output: error never-matches: no event can match: no event has a value at detailType
}
