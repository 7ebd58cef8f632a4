package python_test

import (
	"fmt"

	"stormbus/internal/function/python"
)

func ExampleChoose() {
	found := []python.Interpreter{
		{Path: "/usr/bin/python3.13", Version: python.Version{Major: 3, Minor: 13}},
		{Path: "/usr/bin/python3.11", Version: python.Version{Major: 3, Minor: 11}},
	}
	want, _ := python.ParseName("python3.10")
	i, err := python.Choose(found, want)
	fmt.Println(i.Path, err)
	// Output: /usr/bin/python3.11 <nil>
}
