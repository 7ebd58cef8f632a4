package cron_test

import (
	"fmt"
	"time"

	"stormbus/internal/cron"
)

func ExampleParse() {
	s, err := cron.Parse("cron(0 18 ? * MON-FRI *)", cron.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2026, time.November, 27, 18, 0, 0, 0, time.UTC)
	next, ok := s.Next(friday)
	fmt.Println(next.Format(time.RFC3339), ok)
	// Output: 2026-11-30T18:00:00Z true
}
