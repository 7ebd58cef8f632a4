package pinball

import "strings"

// Sarif is a report in the Static Analysis Results Interchange Format 2.1.0, as
// code hosts show it beside a change. Its JSON is that of the format.
type Sarif struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool    sarifTool     `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	Name             string    `json:"name"`
	ShortDescription sarifText `json:"shortDescription"`
	Help             sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

// Sarif returns the report for the board in the file. Line tells where an item
// is; it may return 0.
func (r *Report) Sarif(file string, line func(section, item string) int) *Sarif {
	driver := sarifDriver{Name: "stormbus pinball"}
	for i := range rules {
		rule := &rules[i]
		driver.Rules = append(driver.Rules, sarifRule{ID: rule.ID, Name: rule.Name, ShortDescription: sarifText{rule.About}, Help: sarifText{rule.Fix}})
	}
	run := sarifRun{Tool: sarifTool{driver}, Results: []sarifResult{}}
	for _, f := range r.Findings {
		result := sarifResult{
			RuleID: f.Rule, Level: sarifLevel(f.Severity), Message: sarifText{f.Item + ": " + f.Message + ". Remedy: " + f.Fix + "."},
			Locations: []sarifLocation{{
				Physical: sarifPhysical{sarifArtifact{strings.ReplaceAll(file, `\`, "/")}, sarifRegion{max(1, line(f.Section, f.Item))}},
				Logical:  []sarifLogical{{f.Section + "." + f.Item}},
			}},
		}
		if f.Ignored != "" {
			result.Suppressions = []sarifSuppression{{"external", f.Ignored + " (until " + f.Until + ")"}}
		}
		run.Results = append(run.Results, result)
	}
	return &Sarif{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

func sarifLevel(s Severity) string {
	if s == Warn {
		return "warning"
	}
	return string(s)
}
