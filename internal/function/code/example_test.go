package code_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"

	"stormbus/internal/function/code"
)

func Example() {
	var evil bytes.Buffer
	w := zip.NewWriter(&evil)
	_, err := w.Create("../evil.py")
	if err := errors.Join(err, w.Close()); err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "code")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	cache, err := code.Open(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = cache.Add(evil.Bytes())
	fmt.Println(errors.Is(err, code.ErrMalformed))
	// Output: true
}
