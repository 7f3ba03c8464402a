# Restore, build, test and pack in one go, for PowerShell on any platform: ./build.ps1
$ErrorActionPreference = 'Stop'
[void] $ExecutionContext.SessionState.Path.SetLocation($PSScriptRoot)

function Invoke-Step([string[]] $Arguments) {
    & dotnet @Arguments
    if ($LASTEXITCODE -ne 0) { throw "dotnet $Arguments failed with exit code $LASTEXITCODE" }
}

Invoke-Step @('restore', 'Flixstock.Native.sln')
Invoke-Step @('build', 'Flixstock.Native.sln', '-c', 'Release', '--no-restore')
Invoke-Step @('test', '-c', 'Release')
Invoke-Step @('pack', 'engine/Flixstock.Engine.csproj', '-c', 'Release', '--no-build', '-o', 'artifacts')
