@{
    Severity     = @('Error', 'Warning')
    ExcludeRules = @(
        # A block's variables are used in other blocks of a test file, which the rule does not see.
        'PSUseDeclaredVarsMoreThanAssignments'
    )
}
