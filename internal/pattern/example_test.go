package pattern_test

import (
	"fmt"

	"stormbus/internal/pattern"
)

func ExampleCompile() {
	_, err := pattern.Compile([]byte(`{"detail": {"price": [{"numeric": [">", "10"]}]}}`),
		pattern.Classic, pattern.StrictAWS(pattern.Classic))
	fmt.Println(err)
	// Output:
	// Value of > must be numeric
	//  at [Source: (String)"{"detail": {"price": [{"numeric": [">", "10"]}]}}"; line: 1, column: 42]
}

func ExampleMatcher() {
	p, err := pattern.Compile([]byte(`{"source": ["cinema"], "detail": {"seats": [{"exists": true}]}}`),
		pattern.Classic, pattern.StrictAWS(pattern.Classic))
	if err != nil {
		fmt.Println(err)
		return
	}
	m := pattern.NewMatcher(pattern.Options{})
	if err := m.Add(1, pattern.Scoped{Scope: pattern.Data, Pattern: p}); err != nil {
		fmt.Println(err)
		return
	}
	var r pattern.Result
	err = m.Snapshot().Match(&pattern.Doc{
		Env:  &pattern.Envelope{Source: "cinema", DetailType: "SeatsHeld"},
		Data: []byte(`{"seats": ["A1", "A2"]}`),
	}, &r)
	fmt.Println(r.IDs, err)
	// Output: [1] <nil>
}
